"""What people say about records: comments, seen and written by whoever may read the record."""
