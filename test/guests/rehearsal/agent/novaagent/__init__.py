"""A stand-in for nova-agent 2.x: it speaks to Nova through the XenStore, and does what it is asked to."""

__version__ = '2.1.25'
