"""The broker: a loopback proxy that gives one command what it may do on a panel, without the key.

filter.py     which requests are allowed (pure)
write_back.py whether a request would write a mask in a secret's place (pure)
masking.py    an answer without its secrets (pure); secret_fields.py says what stands where
forms.py      .env lines, and words that look random (pure)
free_text.py  secrets in all other text; secret_words.py their names, command_lines.py options of
              programs, coded_text.py base64 and other codings (pure)
pieces.py     a long text in pieces, so that looking through it holds nobody up (pure)
proxy.py      what answers a request; clients.py: connections of the command
echoes.py     the real key in what a panel answers (pure)
start.py      the socket, the process and the environment of the command
"""
