import { dirname, relative, resolve, sep } from 'node:path';

/**
 * ESLint rule: relative imports go in allowed directions only. Options: { root, zones: [{ target, from, except?, message }] }, all
 * folders relative to root: a file below `target` may not import one below a folder of `from`, but for the files of `except`.
 * Our own rule: eslint-plugin-import-x has it, but its resolver's optional platform packages are not all published, so that
 * npm 11 refuses the lock file; and relative paths need no resolver.
 */
export const importDirections = {
  meta: { type: 'problem', schema: [{ type: 'object' }], messages: { wrong: 'Unexpected import of {{ imported }}. {{ why }}' } },
  create(context) {
    const [{ root, zones }] = context.options;
    const file = toRelative(root, context.filename);
    const check = (node) => {
      const specifier = node.source?.value;
      if (typeof specifier !== 'string' || !specifier.startsWith('.')) return;
      const imported = toRelative(root, resolve(dirname(context.filename), specifier));
      const zone = zones.find(
        ({ target, from, except = [] }) =>
          isBelow(file, target) && from.some((folder) => isBelow(imported, folder)) && !except.includes(imported),
      );
      if (zone) context.report({ node: node.source, messageId: 'wrong', data: { imported, why: zone.message } });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check, ImportExpression: check };
  },
};

function toRelative(root, path) {
  return relative(root, path).split(sep).join('/');
}

function isBelow(path, folder) {
  return path === folder || path.startsWith(`${folder}/`);
}
