"""Bytes on a link: FORMAT.md is the text, these modules its only implementation."""
