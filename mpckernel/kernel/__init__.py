"""The notebook's edge: cells, magics, interrupts and display. Parses, delegates, shows.

cells finds `%%mpc` cells and their options; body compiles and runs the text; joint takes it
through a room; desk knows the room; magics, complete and faces are what a person touches.
"""
