"""Proofs about any student of any teacher, in all of its parameters."""
