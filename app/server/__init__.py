"""The page and its API: served to this machine, limited in size and time, and kept from pages of other sites."""
