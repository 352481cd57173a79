"""The sections of a page, one file each; `pages` puts them in order."""
