import js from '@eslint/js';
import globals from 'globals';
import vue from 'eslint-plugin-vue';
import tseslint from 'typescript-eslint';
import { importDirections } from './build/import-directions.mjs';

/** The rooms of the method: pure, they import the shared domain, each other's foundations below, and libraries only. */
const methodRooms = [
  'fmri',
  'stimulus',
  'embedding',
  'cnn',
  'coupling',
  'semantics',
  'annotation',
  'report',
  'figures',
  'phantom',
];
/** What every room may stand on. */
const foundations = ['files', 'onnx'];

const main = (room) => `src-main/${room}`;
const allMainRooms = [...methodRooms, ...foundations, 'engines', 'project', 'jobs', 'compute', 'api', 'shell'];
const forbid = (target, rooms, message) => ({ target, from: rooms, message });
const except = (...allowed) => allMainRooms.filter((room) => !allowed.includes(room)).map(main);

/** Imports point one way; a wrong one fails `npm run check`. The picture of it is in docs/architecture.md. */
const zones = [
  forbid(
    'src-preload/shared/domain',
    ['src-main', 'src-renderer', 'src-preload/shared/contract'],
    'shared/domain imports nothing.',
  ),
  forbid('src-preload/shared/contract', ['src-main', 'src-renderer'], 'shared/contract imports shared/domain only.'),
  forbid('src-renderer', ['src-main'], 'The renderer reaches the host through the contract only.'),
  ...foundations.map((room) => forbid(main(room), except(room), 'Foundations import shared/domain and libraries only.')),
  ...methodRooms.map((room) =>
    forbid(main(room), ['engines', 'project', 'jobs', 'compute', 'api', 'shell'].map(main), 'Rooms of the method are pure.'),
  ),
  forbid(main('engines'), except('engines', ...foundations), 'Engines import shared/domain and libraries only.'),
  forbid(main('project'), except('project', ...foundations), 'The project room holds data, not method.'),
  forbid(main('jobs'), except('jobs', 'project', ...foundations), 'Jobs import the project only.'),
  {
    ...forbid(
      main('compute'),
      ['project', 'jobs', 'api', 'shell'].map(main),
      'Compute imports rooms, engines and the stores of activations.',
    ),
    except: ['src-main/project/activation-cache', 'src-main/project/partial-activations'],
  },
  forbid(main('api'), ['engines', 'compute', 'shell'].map(main), 'Handlers import the project, jobs and rooms.'),
  forbid(main('shell'), ['engines', 'compute', ...methodRooms].map(main), 'The shell imports the api only.'),
];

/** Libraries that only one room may import. */
const owners = {
  'better-sqlite3': ['src-main/project/**'],
  'onnxruntime-node': ['src-main/engines/**'],
  ...Object.fromEntries(
    ['tfjs', 'tfjs-core', 'tfjs-backend-wasm', 'tfjs-backend-cpu', 'tfjs-node', 'tfjs-node-gpu'].map((name) => [
      `@tensorflow/${name}`,
      ['src-main/engines/**'],
    ]),
  ),
  electron: ['src-main/shell/electron/**', 'src-main/index.ts', 'src-preload/index.ts'],
};

function restrictLibraries(files, libraries) {
  return { files, rules: { 'no-restricted-imports': ['error', { paths: libraries }] } };
}

export default tseslint.config(
  { ignores: ['out/', 'dist/', 'node_modules/', 'coverage/'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  ...vue.configs['flat/strongly-recommended'],
  {
    files: ['src-renderer/**'],
    languageOptions: { parserOptions: { parser: tseslint.parser }, globals: { ...globals.browser } },
    // Layout is prettier's.
    rules: {
      'vue/max-attributes-per-line': 'off',
      'vue/require-default-prop': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
    },
  },
  {
    files: ['src-*/**/*.{ts,vue}'],
    plugins: { syncact: { rules: { 'import-directions': importDirections } } },
    rules: {
      'syncact/import-directions': ['error', { root: import.meta.dirname, zones }],
      'max-lines': ['error', { max: 320, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['warn', { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
  restrictLibraries(['src-*/**/*.{ts,vue}'], Object.keys(owners)),
  ...[...new Set(Object.values(owners).flat())].map((folder) =>
    restrictLibraries(
      [folder],
      Object.keys(owners).filter((library) => !owners[library].includes(folder)),
    ),
  ),
  {
    languageOptions: { globals: { ...globals.node } },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
);
