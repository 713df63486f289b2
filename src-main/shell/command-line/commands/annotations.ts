import { Option, type Command } from 'commander';
import { readFileSync } from 'node:fs';
import {
  annotationSchema,
  confidences,
  queueFilterSchema,
  relations,
  statuses,
  type QueueFilter,
} from '../../../../src-preload/shared/contract/annotations';
import { UserError } from '../../../../src-preload/shared/domain/errors';
import {
  annotateByName,
  annotationFormats,
  applyEdited,
  carryOver,
  listAnnotations,
  measureAgreement,
  mergeLogs,
  namedFilter,
  exportAnnotations,
  writeAnnotations,
  writeBids,
  type AnnotationFormat,
  type Carry,
} from '../../../api/annotations/commands';
import { withProjectReadOnly } from '../../../api/application';
import { addCommand, parseCount, parseList, parseNumber, parsePath, parseSeed, parseShare } from '../options';
import { runCommand, type CommandOutput } from '../run-command';
import { withOpenProject } from '../run-job';
import { formatColumns } from '../terminal';

interface Common {
  json?: boolean;
  author?: string;
}

export function addAnnotationCommands(program: Command): void {
  const group = program
    .command('annotations')
    .summary('what people decided about pairs: list, set, export, merge, carry, agreement')
    .description(
      'What people decided about pairs. The log of decisions only grows; whatever is changed here can be undone on the desk.',
    );
  addList(group);
  addSet(group);
  addExport(group);
  addMerge(group);
  addCarry(group);
  addAgreement(group);
}

interface ListOptions extends Common, Pick<Partial<QueueFilter>, FilterOption> {
  status?: QueueFilter['show'];
  saved?: string;
}
type FilterOption =
  'model' | 'layer' | 'leastR' | 'mostP' | 'leastRuns' | 'leastStability' | 'relation' | 'tag' | 'term' | 'label' | 'text';

const shown = queueFilterSchema.shape.show.options.filter((show) => show !== 'all' && show !== 'unseen');

function addList(group: Command): void {
  addCommand(
    group,
    'list <dir>',
    'every annotation that stands',
    'Lists what stands: one row for each pair and person. The filters are those of the desk’s queue; all that are given count.',
  )
    .option('--author <name>', 'only this person’s')
    .addOption(new Option('--status <name>', 'only what is so').choices(shown))
    .option('--saved <name>', 'only what a filter saved on the desk lets through')
    .option('--model <name>', 'only filters of this model')
    .option('--layer <name>', 'only filters of this layer')
    .option('--least-r <r>', 'highest r over movie runs, at least', parseNumber)
    .option('--most-p <p>', 'p of that r, at most', parseShare)
    .option('--least-runs <n>', 'a pair in so many movie runs, at least', parseCount)
    .option('--least-stability <share>', 'a pair in this share of its layer’s movie runs, at least (0 to 1)', parseShare)
    .addOption(new Option('--relation <name>', 'how the two relate').choices([...relations]))
    .option('--tag <name>', 'only with this tag')
    .option('--term <words>', 'words of one of the ten terms that the FBN’s map is most like')
    .option('--label <words>', 'words of a label of the filter')
    .option('--text <words>', 'words in names, descriptions, notes and tags; also “fbn 25”, “filter 107”, “r > 0.3”')
    .action((folder: string, options: ListOptions) => runCommand(options.json ?? false, () => listRows(folder, options)));
}

async function listRows(folder: string, options: ListOptions): Promise<CommandOutput> {
  const { json: _json, author, status: show, saved, ...change } = options;
  const rows = await withProjectReadOnly(folder, (project) =>
    listAnnotations(project, author, namedFilter(project, saved, { ...change, ...(show && { show }) })),
  );
  const lines = rows.map((row) => [
    ...[row.author, row.role === 'adjudicator' ? 'adjudicated' : row.status, row.fbn, `${row.model} ${row.layer}`, row.filter],
    ...[row.relation ?? '', row.fbn_description, row.filter_description, row.tags.join(', ')],
  ]);
  const header = ['author', 'status', 'FBN', 'layer', 'filter', 'relation', 'FBN stands for', 'filter stands for', 'tags'];
  const text = rows.length === 0 ? 'no annotations\n' : formatColumns([header, ...lines]);
  return { json: { annotations: rows }, text };
}

interface SetOptions extends Common {
  author: string;
  from?: string;
  apply?: boolean;
  embedding?: number;
  model?: string;
  layer?: string;
  fbn?: number;
  filter?: number;
  status?: string;
  relation?: string;
  confidence?: string;
  fbnDescription?: string;
  filterDescription?: string;
  note?: string;
  tags?: string[];
}

function addSet(group: Command): void {
  addCommand(
    group,
    'set <dir>',
    'annotate a pair, or read an edited table back',
    'Annotates one pair (--fbn, --filter, …), or reads an exported table that was edited (--from): shows what it would change, and\n' +
      'changes it with --apply.',
  )
    .requiredOption('--author <name>', 'who decides')
    .option('--from <file>', 'an edited CSV or TSV', parsePath)
    .option('--apply', 'with --from: make the changes')
    .option('--fbn <n>', 'the pair’s FBN, counted from 0', parseSeed)
    .option('--filter <n>', 'the pair’s filter, counted from 0', parseSeed)
    .option('--model <name>', 'model of the filter (default: the only one)')
    .option('--layer <name>', 'layer of the filter (default: the only coupled one)')
    .option('--embedding <id>', 'embedding of the FBN (default: the newest complete one)', parseCount)
    .addOption(new Option('--status <name>', 'what is decided').choices(statuses.filter((one) => one !== 'unseen')))
    .addOption(new Option('--relation <name>', 'how the two relate').choices([...relations]))
    .addOption(new Option('--confidence <name>', 'how sure').choices([...confidences]))
    .option('--fbn-description <text>', 'what the FBN stands for')
    .option('--filter-description <text>', 'what the filter stands for')
    .option('--note <text>', 'free note')
    .option('--tags <names>', 'tags, separated by commas; new ones are added to the vocabulary', parseList)
    .action((folder: string, options: SetOptions) =>
      runCommand(options.json ?? false, () => (options.from === undefined ? setOne(folder, options) : setMany(folder, options))),
    );
}

async function setOne(folder: string, options: SetOptions): Promise<CommandOutput> {
  const { fbn, filter, author, tags } = options;
  if (fbn === undefined || filter === undefined)
    throw new UserError({
      code: 'setting-invalid',
      what: 'no pair is named',
      remedy: 'name one with --fbn and --filter, or a table with --from',
    });
  const fields = annotationSchema
    .omit({ tags: true })
    .partial()
    .safeParse({
      ...{ status: options.status, relation: options.relation, confidence: options.confidence, note: options.note },
      ...{ fbn: options.fbnDescription, filter: options.filterDescription },
    });
  if (!fields.success)
    throw new UserError({ code: 'annotation-refused', what: 'this cannot be annotated', found: fields.error.issues[0]!.message });
  const { embedding, model, layer } = options;
  const row = await withOpenProject(folder, 'annotations set', async ({ project }) =>
    annotateByName(project, { author, fbn, filter, embedding, model, layer, patch: fields.data, tags: tags ?? [] }),
  );
  return { json: row, text: `saved: ${row.status} by ${author}, FBN ${fbn} – ${row.layer} · ${filter}\n` };
}

async function setMany(folder: string, { from, apply, author }: SetOptions): Promise<CommandOutput> {
  const plan = await withOpenProject(folder, 'annotations set', ({ project }) =>
    applyEdited(project, from!, author, apply ?? false),
  );
  const lines = plan.changes.flatMap(({ what, fields }) =>
    fields.map(({ field, before, after }) => `${what}: ${field}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`),
  );
  if (plan.problems.length > 0) process.exitCode = 2;
  const done = plan.applied ? 'changed' : 'would change (nothing is written without --apply)';
  const summary = `${plan.changes.length} of ${plan.rows} annotations ${done}`;
  return { json: plan, text: [...plan.problems.map((problem) => `problem: ${problem}`), ...lines, summary, ''].join('\n') };
}

function addExport(group: Command): void {
  addCommand(
    group,
    'export <dir>',
    'annotations as a file',
    'Writes annotations as CSV, TSV, JSON (schema: docs/annotations.schema.json), as a BIDS derivative, or as a log (.jsonl) to merge\n' +
      'on another machine. Text that a spreadsheet would run as a formula gets an apostrophe in front.',
  )
    .option('--out <file>', 'file to write; its ending says the format', parsePath)
    .option('--bids <folder>', 'folder of a BIDS derivative to write', parsePath)
    .addOption(new Option('--format <name>', 'print it in this format instead').choices([...annotationFormats]))
    .option('--author <name>', 'only this person’s')
    .action((folder: string, options: Common & { out?: string; bids?: string; format?: AnnotationFormat }) =>
      runCommand(options.json ?? false, () => exportFrom(folder, options)),
    );
}

async function exportFrom(
  folder: string,
  { out, bids, format, author }: Common & { out?: string; bids?: string; format?: AnnotationFormat },
): Promise<CommandOutput> {
  return withProjectReadOnly(folder, async (project) => {
    if (bids !== undefined) {
      const files = await writeBids(project, bids, author);
      return { json: { files }, text: files.map((file) => `wrote ${file}\n`).join('') };
    }
    if (out !== undefined) {
      await writeAnnotations(project, out, author);
      return { json: { file: out }, text: `wrote ${out}\n` };
    }
    const [text, rows] = [exportAnnotations(project, format ?? 'csv', author), listAnnotations(project, author)];
    return { json: { annotations: rows }, text };
  });
}

function addMerge(group: Command): void {
  addCommand(
    group,
    'merge <dir> <files...>',
    'add the logs of other raters',
    'Adds the events of logs (.jsonl) made by `annotations export` on other machines. The order does not matter, and what is there\n' +
      'already is left alone: merging twice changes nothing. A file with a damaged line is refused whole.',
  ).action((folder: string, files: string[], { json }: Common) =>
    runCommand(json ?? false, async () => {
      for (const file of files) readFileSync(file);
      const merged = await withOpenProject(folder, 'annotations merge', ({ project }) => mergeLogs(project, files));
      const text = merged.map(({ file, added, known }) => `${file}: ${added} new events, ${known} known\n`).join('');
      return { json: { files: merged }, text };
    }),
  );
}

function addCarry(group: Command): void {
  addCommand(
    group,
    'carry <dir>',
    'bring annotations to a retrained embedding',
    'Brings a person’s annotations of one embedding to the FBNs of another whose maps are most like theirs, matched one to one. Shows\n' +
      'what goes over, and does it with --apply: as one step that the desk can undo. Nothing that was said there already is replaced.',
  )
    .requiredOption('--author <name>', 'whose annotations')
    .requiredOption('--from <id>', 'embedding they were made for', parseCount)
    .requiredOption('--to <id>', 'embedding they are brought to', parseCount)
    .option('--least-r <r>', '|r| of two maps that count as the same FBN, at least', parseShare, 0.7)
    .option('--apply', 'write it')
    .action((folder: string, { json, apply, ...carry }: Common & Carry & { apply?: boolean }) =>
      runCommand(json ?? false, async () => {
        const view = await withOpenProject(folder, 'annotations carry', ({ project }) =>
          carryOver(project, carry, apply ?? false),
        );
        const { annotations, unlike, notPaired, annotated } = view;
        const rows = view.matches
          .filter((match) => match.annotations > 0)
          .map((match) => [match.from, match.to, match.r.toFixed(3), match.annotations]);
        const done = view.applied ? 'carried over' : 'would go over (nothing is written without --apply)';
        const text =
          `${view.carried} of ${annotations} annotations ${done}; not: ${unlike} whose FBN has no map alike enough, ` +
          `${notPaired} that are no pair there, ${annotated} annotated there already\n` +
          (rows.length > 0 ? formatColumns([['FBN', 'becomes', 'r of maps', 'annotations'], ...rows]) : '');
        return { json: view, text };
      }),
    );
}

function addAgreement(group: Command): void {
  addCommand(
    group,
    'agreement <dir>',
    'how two raters agree',
    'Percent agreement and Cohen’s κ with its 95 % confidence interval (the score interval of Wilson 1927, chance agreement taken as\n' +
      'known) for every field, over the pairs that both have decided, and how many pairs they disagree on. Where a rater uses one\n' +
      'category only, κ says nothing and has no interval.',
  )
    .option('--raters <names>', 'the two, separated by a comma (default: the only two)', parseList)
    .action((folder: string, { json, raters }: Common & { raters?: string[] }) =>
      runCommand(json ?? false, async () => {
        const view = await withProjectReadOnly(folder, (project) => measureAgreement(project, raters));
        const round = (value: number | null) => (value === null ? null : Number(value.toFixed(4)));
        const rows = view.fields.map(({ field, pairs, agreement, kappa, interval, why }) => [
          ...[field, pairs, round(agreement), round(kappa), round(interval?.[0] ?? null), round(interval?.[1] ?? null)],
          why ?? '',
        ]);
        const text =
          `${view.raters.join(' and ')}: ${view.pairs} pairs decided by both, ${view.disagreements.length} with a difference\n` +
          formatColumns([['field', 'pairs', 'agreement', 'kappa', '95 % from', 'to', ''], ...rows]);
        return { json: view, text };
      }),
    );
}
