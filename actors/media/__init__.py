"""Films and pictures: what is measured, refitted and cut before it goes to a backend or to Telegram.

Everything here is plain, synchronous and heavy: callers run it in a worker thread, and import this package
only when there is work for it, because PyAV and Pillow together cost tens of megabytes.
"""
