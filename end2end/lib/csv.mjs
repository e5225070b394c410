// RFC 4180, read strictly: what a spreadsheet must be able to open.

/** The records of a CSV text; throws where it is not RFC 4180. */
export function parseCsv(text) {
  const records = [];
  let record = [];
  let at = 0;
  while (at < text.length) {
    let field = '';
    if (text[at] === '"') {
      for (at += 1; ; at += 1) {
        if (at >= text.length) throw new Error('a quoted field does not end');
        if (text[at] !== '"') field += text[at];
        else if (text[at + 1] === '"') { field += '"'; at += 1; } else break;
      }
      at += 1;
    } else {
      const end = text.slice(at).search(/[,\r\n"]/);
      if (end < 0) throw new Error('the last record has no line end');
      field = text.slice(at, at + end);
      at += end;
    }
    record.push(field);
    if (text[at] === ',') { at += 1; continue; }
    if (text.slice(at, at + 2) !== '\r\n') throw new Error(`no line end at ${at}: ${JSON.stringify(text.slice(at - 20, at + 20))}`);
    at += 2;
    records.push(record);
    record = [];
  }
  return records;
}

/** Its rows as objects by the header's names; throws where a row has another number of fields. */
export function csvRows(text) {
  const [header, ...rows] = parseCsv(text);
  return rows.map((row, n) => {
    if (row.length !== header.length) throw new Error(`row ${n + 1} has ${row.length} fields, not ${header.length}`);
    return Object.fromEntries(header.map((name, i) => [name, row[i]]));
  });
}
