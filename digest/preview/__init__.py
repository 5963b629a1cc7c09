"""The editor's bench on this machine: mails shown exactly as they will be sent, read only."""
