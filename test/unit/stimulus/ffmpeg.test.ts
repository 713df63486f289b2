import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { locateFfmpeg, parseLogLine } from '../../../src-main/stimulus/ffmpeg';
import { temporaryFolder } from './make-video';

const folder = temporaryFolder();

test('the FFmpeg inside the npm package is found and executable', () => {
  expect(locateFfmpeg({})).toMatch(/@ffmpeg-installer.*ffmpeg(\.exe)?$/);
});

test('SYNCACT_FFMPEG names another, which must be executable', () => {
  const own = join(folder, 'my-ffmpeg');
  writeFileSync(own, '#!/bin/sh\n');
  expect(() => locateFfmpeg({ SYNCACT_FFMPEG: own })).toThrow(/SYNCACT_FFMPEG.*my-ffmpeg/);
  chmodSync(own, 0o755);
  expect(locateFfmpeg({ SYNCACT_FFMPEG: own })).toBe(own);
  mkdirSync(join(folder, 'directory'));
  expect(() => locateFfmpeg({ SYNCACT_FFMPEG: join(folder, 'directory') })).toThrow(/cannot be run/);
});

test('log lines are split into component, level and text', () => {
  expect(parseLogLine('[h264 @ 0x2270fa80] [error] Invalid NAL unit size (1 > 2).')).toEqual({
    component: 'h264',
    level: 'error',
    text: 'Invalid NAL unit size (1 > 2).',
  });
  expect(parseLogLine('[mov,mp4,m4a @ 0x1] [warning] x')).toEqual({ component: 'mov,mp4,m4a', level: 'warning', text: 'x' });
  expect(parseLogLine('[info]   Duration: 00:00:01.00')).toEqual({
    component: '',
    level: 'info',
    text: '  Duration: 00:00:01.00',
  });
  expect(parseLogLine('plain')).toEqual({ component: '', level: 'info', text: 'plain' });
});
