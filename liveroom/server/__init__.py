"""The front door for browsers: pages, forms, sockets and media addresses over HTTP."""
