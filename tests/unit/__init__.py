"""Tests of the parts, one file a part. A package, so that a file here may be called like one in another folder."""
