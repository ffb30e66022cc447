"""Schema migrations, run at every start: a Render disk is invisible to build and pre-deploy steps."""
