import { hideFormula } from '../../../src-preload/shared/domain/spreadsheet-text';
import type { FbnPeaks } from '../../../src-preload/shared/contract/semantics-views';

/** A label of an atlas, which may hold anything. */
const cell = (text: string) => hideFormula(text.replace(/\s*[\t\r\n]+\s*/g, ' '));
const head = ['FBN', 'x (mm)', 'y (mm)', 'z (mm)', 'peak z', 'voxels', 'mm3', 'side', 'label'];

/** The clusters of FBNs as a table, tab-separated, MNI coordinates in mm. */
export function peaksAsTsv({ fbns }: FbnPeaks): string {
  const rows = fbns.flatMap(({ fbn, clusters }) =>
    clusters.map(({ peak, z, voxels, volume, side, label }) =>
      [fbn, ...peak.map((mm) => Number(mm.toFixed(1))), z.toFixed(3), voxels, Math.round(volume), side, cell(label ?? '')].join(
        '\t',
      ),
    ),
  );
  return `${[head.join('\t'), ...rows].join('\n')}\n`;
}
