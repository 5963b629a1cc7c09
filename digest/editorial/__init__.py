"""What goes into an issue: themes, sections, the lead, subject and preheader. Pure."""
