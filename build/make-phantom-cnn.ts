/** Writes resources/phantom/: the phantom's CNN and what its filters look for. Run after a change of src-main/phantom/cnn*.ts. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPhantomCnn, describePhantomCnn } from '../src-main/phantom/cnn';

const folder = join(import.meta.dirname, '..', 'resources', 'phantom');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'phantom-cnn.onnx'), buildPhantomCnn());
writeFileSync(join(folder, 'phantom-cnn.json'), `${JSON.stringify(describePhantomCnn(), null, 2)}\n`);
