"""The broker: a loopback proxy through which one command uses a panel without having the key.

filter.py     decides which requests are allowed (pure)
write_back.py finds requests that would write a mask in a secret's place (pure)
masking.py    masks the secrets in an answer (pure); secret_fields.py knows the fields with secrets
forms.py      masks .env lines, and tells words that look random (pure)
free_text.py  masks secrets in any other text: secret_words.py has their names, command_lines.py
              the options of programs, coded_text.py base64 and other encodings (pure)
pieces.py     cuts a long text, so that searching it does not delay other requests (pure)
proxy.py      answers requests; clients.py handles the connections of the command
echoes.py     finds the real key in what a panel answers (pure)
start.py      makes the socket, the process, and the environment of the command
"""
