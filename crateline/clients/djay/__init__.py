"""djay Pro: its database, its blobs, its exports. Everything here reads; nothing ever writes to what djay keeps."""
