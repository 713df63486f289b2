import type { PageData } from '../../../src-preload/shared/contract/report-page';
import { escapeXml as escape } from '../../figures/drawing/svg';

const planes = ['axial', 'coronal', 'sagittal'];

/** The part of a page that can be looked through: it stands there without its script too, and says so. */
export function explorerMarkup({ fbns, runs, voxels }: PageData): string {
  const options = fbns.map(({ note }, fbn) => `<option value="${fbn}">FBN ${fbn}${note && ` · ${escape(note)}`}</option>`);
  const runOptions = runs.map(({ movieRun }, run) => `<option value="${run}">${escape(movieRun)}</option>`);
  const cuts = planes.map(
    (plane) =>
      `<div class="cut"><canvas data-plane="${plane}" tabindex="0" role="img" aria-label="${plane} slice"></canvas>` +
      `<input type="range" data-plane="${plane}" aria-label="Place of the ${plane} slice"></div>`,
  );
  return `<section id="explorer"><h2>FBNs: maps and activations</h2>
<noscript><p>Scripts are switched off: maps and activations cannot be shown; all else can.</p></noscript>
<div class="explorer">
<div class="brain-side">
<p class="bar"><button type="button" id="previous" aria-label="Previous FBN">‹</button>
<select id="fbn" aria-label="FBN">${options.join('')}</select>
<button type="button" id="next" aria-label="Next FBN">›</button></p>
<p id="terms" class="quiet"></p>
<div class="cuts">${cuts.join('')}</div>
<p class="bar"><label for="threshold">threshold</label><input type="range" id="threshold" min="0" max="0.95" step="0.01" value="0.4">
<output id="threshold-value" for="threshold"></output></p>
<canvas id="scale" role="img" aria-label="Colours of the map"></canvas>
<p id="place" class="quiet"></p>
</div>
<div class="trace-side">
<p class="bar"><label for="run">movie run</label><select id="run">${runOptions.join('')}</select>
<button type="button" id="whole">whole run</button><span id="cursor" class="quiet"></span></p>
<p class="legend"><span class="brain">─ FBN</span> <span class="network" id="partner">╌ its best filter</span></p>
<canvas id="detail" tabindex="0" role="img" aria-label="Activations of the FBN and of its best filter"></canvas>
<div id="rows" role="group" tabindex="0" aria-label="Activations of all FBNs"><canvas></canvas><div></div></div>
</div>
</div>
<p class="quiet">A click in a trace sets the cursor of all; drag over a stretch to enlarge it, turn the wheel to zoom, double-click for the
whole run; ← → step a TR, ↑ ↓ an FBN. Click a slice or turn the wheel over it to move through the brain.</p>
<p class="quiet">Maps of ${voxels.toLocaleString('en')} voxels are kept in 255 steps between minus and plus the largest size of each (int8):
no value is further off than a 254th of it. Activations are z-scores over the movie run, to a thousandth. FBN activations are means over
the test subjects; solid and coral is the brain, dashed and blue the network. The exact numbers are in the project
(<code>syncact export --npz</code>).</p>
</section>
`;
}
