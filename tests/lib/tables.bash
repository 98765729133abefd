# Tables of --results, as another program reads them.

# Reads tables as Python does. TABLE.read gets of each record, in the order of the queue: the number, the
# exit value, the signal, the values, and both outputs, with no byte changed.
read_tables() {
	python3 - "$@" <<-'END'
		import csv, json, re, sys

		def records(name):
		    table = open(name, encoding='utf-8', errors='surrogateescape', newline='')
		    if name.endswith('.csv'):
		        return list(csv.DictReader(table, strict=True))
		    lines = table.read().split('\n')
		    assert lines.pop() == ''
		    if name.endswith('.json'):
		        return [json.loads(line) for line in lines]
		    back = {'\\t': '\t', '\\n': '\n', '\\r': '\r', '\\\\': '\\'}
		    unescape = lambda cell: re.sub(r'\\.', lambda found: back[found[0]], cell)
		    rows = [[unescape(cell) for cell in line.split('\t')] for line in lines]
		    assert all(len(row) == len(rows[0]) for row in rows)
		    return [dict(zip(rows[0], row)) for row in rows[1:]]

		csv.field_size_limit(1 << 30)
		for name in sys.argv[1:]:
		    with open(name + '.read', 'wb') as read:
		        for row in sorted(records(name), key=lambda row: int(row['Seq'])):
		            read.write('{Seq} {Exitval} {Signal}\n'.format(**row).encode())
		            values = row['V'] if 'V' in row else [row[k] for k in row if re.match(r'V\d', k)]
		            texts = [text.encode('utf-8', 'surrogateescape') for text in [*values, row['Stdout'], row['Stderr']]]
		            assert int(row['Receive']) == len(texts[-2])
		            read.write(b'\n'.join(texts) + b'\n')
	END
}

# The kinds of tables.
# shellcheck disable=SC2034 # test files use it
kinds=(csv tsv json)
