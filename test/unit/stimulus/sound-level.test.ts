import { join } from 'node:path';
import { expect, test } from 'vitest';
import { computeSoundLevel } from '../../../src-main/stimulus/sound-level';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { makeVideo, runFfmpeg, temporaryFolder } from './make-video';

const folder = temporaryFolder();
const silent = makeVideo(join(folder, 'silent.mkv'), 40, 10);

test('loudness follows the sound by TR: a tone of known size, twice as loud from the third second on, silence where it ends', async () => {
  const file = join(folder, 'tone.mkv');
  const tone = "aevalsrc='if(lt(t,2),0.25,0.5)*sin(2*PI*440*t)':d=3:s=16000";
  runFfmpeg(['-i', silent, '-f', 'lavfi', '-i', tone, '-map', '0:v', '-map', '1:a', '-c:v', 'copy', '-c:a', 'pcm_s16le', file]);
  const level = await computeSoundLevel(file, { trSeconds: 1, offsetSeconds: 0, count: 4 }, quietContext());
  // A sine of amplitude a has the root mean square a / √2.
  [0.25, 0.25, 0.5, 0].forEach((amplitude, tr) => expect(level[tr]).toBeCloseTo(amplitude / Math.SQRT2, 2));
  const later = await computeSoundLevel(file, { trSeconds: 1, offsetSeconds: 1, count: 2 }, quietContext());
  expect(later[1]! / later[0]!).toBeCloseTo(2, 1);
});

test('a movie without a sound track is refused with what to do', async () => {
  await expect(computeSoundLevel(silent, { trSeconds: 1, offsetSeconds: 0, count: 4 }, quietContext())).rejects.toThrow(
    /no sound track.*leave "sound level" out/,
  );
});
