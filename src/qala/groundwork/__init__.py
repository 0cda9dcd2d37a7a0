"""What comes before a strategy (items 2, 18–20 of the order): the working group and its meetings, with their protocols; what a
city needs (`needs`), what comes first and which functions have no system (`priorities`), its digital profile.

composition → models → queries → services → protocol → pages. A signed protocol is never edited: what it says is kept with it.
"""
