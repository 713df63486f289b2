import fc from 'fast-check';

/** What numbers in files break on: ends of their types, and what is none. */
const telling = [0, 1, -1, 2, 7, 8, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 2 ** 31 - 8];
const tellingFloats = [NaN, Infinity, -Infinity, 0, -0, 1e-45, 1e38, -1e38, 1e300, 0.5];
/** What text in files breaks on, or what breaks whoever shows it. */
export const tellingTexts = [
  ...[
    '',
    ' ',
    '\0',
    '\uFEFF',
    '\uD800',
    '\r',
    '\n',
    '\t',
    '"',
    "'",
    ',',
    ';',
    '\\',
    '/',
    '..',
    '../../etc/passwd',
    '/etc/passwd',
  ],
  ...['__proto__', 'constructor', 'prototype', 'toString', '=1+1', '@SUM(A1)', '<img src=x onerror=alert(1)>', '${1}', '%s'],
  ...[
    'NaN',
    'nan',
    'n/a',
    'Infinity',
    '-inf',
    '1e999',
    '-0',
    '1e-400',
    '0x10',
    '1_000',
    '٣',
    '9007199254740993',
    '99999999999999999999',
  ],
  ...['null', 'true', '[]', '{}', 'é'.normalize('NFD'), '\u202E', 'a'.repeat(5000), '['.repeat(3000), '{"a":'.repeat(3000)],
];

type ByteEdit = (bytes: Buffer) => Buffer;

/** Any place in a file, by its share of the length. */
const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const at = (bytes: Buffer, where: number, width = 1) => Math.floor(where * Math.max(0, bytes.length - width + 1));

const numberEdit = fc
  .record({
    where: share,
    kind: fc.constantFrom('8', '16le', '16be', '32le', '32be', '64le', '64be', 'f32le', 'f32be', 'f64le'),
    value: fc.oneof(fc.constantFrom(...telling), fc.constantFrom(...tellingFloats), fc.integer()),
  })
  .map(({ where, kind, value }): ByteEdit => (bytes) => {
    const width = kind === '8' ? 1 : Number(/(8|16|32|64)/.exec(kind)![0]) / 8;
    if (bytes.length >= width) putNumber(bytes, at(bytes, where, width), kind, value);
    return bytes;
  });

function putNumber(bytes: Buffer, offset: number, kind: string, value: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = Number.isFinite(value) ? Math.trunc(value) : 0;
  const little = kind.endsWith('le');
  if (kind.startsWith('f32')) view.setFloat32(offset, value, little);
  else if (kind.startsWith('f64')) view.setFloat64(offset, value, little);
  else if (kind.startsWith('64')) view.setBigInt64(offset, BigInt(whole), little);
  else if (kind.startsWith('32')) view.setInt32(offset, whole, little);
  else if (kind.startsWith('16')) view.setInt16(offset, whole, little);
  else view.setInt8(offset, whole);
}

const otherEdit: fc.Arbitrary<ByteEdit> = fc.oneof(
  fc.tuple(share, fc.nat(7)).map(([where, bit]): ByteEdit => (bytes) => {
    if (bytes.length > 0) bytes[at(bytes, where)]! ^= 1 << bit;
    return bytes;
  }),
  share.map(
    (where): ByteEdit =>
      (bytes) =>
        bytes.subarray(0, at(bytes, where)),
  ),
  fc.tuple(share, share).map(([from, to]): ByteEdit => (bytes) => {
    const [start, end] = [at(bytes, from), at(bytes, to)].sort((a, b) => a - b) as [number, number];
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  }),
  fc.tuple(share, share, share).map(([from, to, into]): ByteEdit => (bytes) => {
    const [start, end] = [at(bytes, from), at(bytes, to)].sort((a, b) => a - b) as [number, number];
    const place = at(bytes, into);
    return Buffer.concat([bytes.subarray(0, place), bytes.subarray(start, end), bytes.subarray(place)]);
  }),
  fc.tuple(share, fc.uint8Array({ maxLength: 40 })).map(([where, added]): ByteEdit => (bytes) => {
    const place = at(bytes, where);
    return Buffer.concat([bytes.subarray(0, place), added, bytes.subarray(place)]);
  }),
);

/**
 * Files that were whole once: up to four edits of numbers, bits and pieces. A share stays whole, so that what comes after the header is
 * reached.
 * @param fields offsets of the numbers that matter, to which edits go more often than anywhere else
 */
export function editedBytes(base: fc.Arbitrary<Uint8Array>, fields: readonly number[] = []): fc.Arbitrary<Uint8Array> {
  const edits = fc.array(fc.oneof(...(fields.length > 0 ? [fieldEdit(fields)] : []), numberEdit, otherEdit), { maxLength: 4 });
  return fc.tuple(base, edits).map(([bytes, list]) => list.reduce<Buffer>((edited, edit) => edit(edited), Buffer.from(bytes)));
}

function fieldEdit(fields: readonly number[]): fc.Arbitrary<ByteEdit> {
  return fc
    .record({
      offset: fc.constantFrom(...fields),
      kind: fc.constantFrom('16le', '16be', '32le', '32be', 'f32le', '64le'),
      value: fc.oneof(fc.constantFrom(...telling), fc.constantFrom(...tellingFloats)),
    })
    .map(({ offset, kind, value }): ByteEdit => (bytes) => {
      if (offset + 8 <= bytes.length) putNumber(bytes, offset, kind, value);
      return bytes;
    });
}

/** One change of a tree of objects, lists, numbers and texts, somewhere. */
const treeEdit = fc.record({
  path: fc.array(fc.nat(1000), { minLength: 1, maxLength: 8 }),
  what: fc.constantFrom('number', 'text', 'delete', 'repeat', 'empty', 'other kind', 'rename', 'nest'),
  number: fc.oneof(fc.constantFrom(...telling), fc.constantFrom(...tellingFloats)),
  text: fc.constantFrom(...tellingTexts),
});
type TreeEdit = typeof treeEdit extends fc.Arbitrary<infer T> ? T : never;

/**
 * A tree with up to three changes, each at any depth.
 * @param keepKinds numbers stay numbers and texts texts: what a typed format can still hold
 */
export function editedTree(base: unknown, { keepKinds = false } = {}): fc.Arbitrary<unknown> {
  return fc.array(treeEdit, { maxLength: 3 }).map((edits) => {
    const root = { root: structuredClone(base) };
    for (const edit of edits) change(root, edit, keepKinds);
    return root.root;
  });
}

function change(root: { root: unknown }, { path, what, number, text }: TreeEdit, keepKinds: boolean): void {
  let holder = root as unknown as Record<string, unknown>;
  let key = 'root';
  for (const step of path) {
    const inside = holder[key];
    if (typeof inside !== 'object' || inside === null || ArrayBuffer.isView(inside)) break;
    const keys = Object.keys(inside);
    if (keys.length === 0) break;
    holder = inside as Record<string, unknown>;
    key = keys[step % keys.length]!;
  }
  const value = holder[key];
  const put = (name: string, content: unknown) =>
    Object.defineProperty(holder, name, { value: content, enumerable: true, configurable: true, writable: true });
  if (what === 'delete') {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else if (key !== 'root') Reflect.deleteProperty(holder, key);
  } else if (what === 'repeat' && Array.isArray(value)) value.push(...(value as unknown[]));
  else if (ArrayBuffer.isView(value)) put(key, (value as Uint8Array).subarray(0, Math.max(0, value.byteLength - 5)));
  else if (what === 'empty' && Array.isArray(value)) value.length = 0;
  else if (typeof value === 'number' && (keepKinds || what === 'number')) put(key, number);
  else if (typeof value === 'string' && (keepKinds || what === 'text')) put(key, text);
  else if (keepKinds) return;
  else if (what === 'rename' && !Array.isArray(holder) && key !== 'root') {
    Reflect.deleteProperty(holder, key);
    put(text, value);
  } else if (what === 'nest') put(key, [value]);
  else if (what === 'other kind') put(key, number > 0 ? null : number === 0 ? text : {});
}

/** JSON of an edited tree; text edits of it too, so that some of it is none. */
export function editedJson(base: unknown): fc.Arbitrary<Uint8Array> {
  // JSON has no NaN and no lone surrogates; JSON.stringify writes null and escapes.
  const text = editedTree(base).map((tree) => JSON.stringify(tree) ?? '');
  return fc.oneof({ weight: 4, arbitrary: text.map(Buffer.from) }, editedText(JSON.stringify(base)));
}

/** Text whose words, signs and lines were changed in up to four places. */
export function editedText(base: string): fc.Arbitrary<Uint8Array> {
  const tokens = base.match(/[A-Za-z_]+|[\d.+\-eE]+|\r?\n|[\t ]+|[^]/g) ?? [];
  const edit = fc.record({
    where: share,
    what: fc.constantFrom('replace', 'remove', 'repeat', 'swap'),
    text: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...tellingTexts) }, fc.string({ maxLength: 12 })),
  });
  const encoding = fc.constantFrom<BufferEncoding>('utf8', 'utf8', 'utf8', 'utf8', 'latin1', 'utf16le');
  return fc.tuple(fc.array(edit, { maxLength: 4 }), encoding).map(([edits, form]) => {
    const changed = [...tokens];
    for (const { where, what, text } of edits) {
      const place = Math.floor(where * changed.length);
      if (what === 'replace') changed[place] = text;
      else if (what === 'remove') changed.splice(place, 1);
      else if (what === 'repeat') changed.splice(place, 0, ...changed.slice(place, place + 12));
      else changed.splice(place, 2, ...changed.slice(place, place + 2).reverse());
    }
    return Buffer.from(changed.join(''), form);
  });
}
