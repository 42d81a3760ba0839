"""How big a segment may be."""
