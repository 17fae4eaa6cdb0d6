NAME = 'ä'
