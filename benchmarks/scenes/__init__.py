"""Made-up photos, scans and drawings as people give them to `app.predict`, seeded, and how many of them are read."""
