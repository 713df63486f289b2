import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeContentAtomically } from '../files/atomic-write';
import { writeMask, type Mask } from '../fmri/mask';
import { MNI_SPACE } from './scans';

/** "sub-01" for the first subject. */
export function subjectName(subject: number): string {
  return `sub-${String(subject).padStart(2, '0')}`;
}

/** What BIDS calls a movie run of the phantom: "task-phantom_run-1" for the first. */
export function movieRunName(run: number): string {
  return `task-phantom_run-${run}`;
}

/** Where the fMRI of a subject and run lies in a BIDS derivatives folder. Subjects and runs count from 1. */
export function scanPath(folder: string, subject: number, run: number): string {
  const name = `${subjectName(subject)}_${movieRunName(run)}_space-MNI_desc-preproc_bold.nii.gz`;
  return join(folder, subjectName(subject), 'func', name);
}

/** Writes what a BIDS derivatives dataset needs beside its images, and the folders for them. */
export async function writeBidsFrame(folder: string, subjects: number, version: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const description = {
    Name: 'Phantom of the Sync-ACT Workstation',
    BIDSVersion: '1.10.0',
    DatasetType: 'derivative',
    GeneratedBy: [
      { Name: 'syncact phantom', Version: version, Description: 'Generated data with planted truth; no person was scanned.' },
    ],
  };
  await writeContentAtomically(join(folder, 'dataset_description.json'), json(description));
  const names = Array.from({ length: subjects }, (_, i) => subjectName(i + 1));
  await writeContentAtomically(
    join(folder, 'participants.tsv'),
    ['participant_id', ...names].map((line) => `${line}\n`).join(''),
  );
  for (const name of names) await mkdir(join(folder, name, 'func'), { recursive: true });
}

/** Writes the sidecar of a run and its brain mask. */
export async function writeScanSidecars(scan: string, run: number, trSeconds: number, mask: Mask): Promise<void> {
  const sidecar = {
    TaskName: 'phantom',
    RepetitionTime: trSeconds,
    SkullStripped: true,
    StimulusPresentation: { StimulusFile: `movies/run-${run}.mp4` },
  };
  await writeContentAtomically(scan.replace(/\.nii\.gz$/, '.json'), json(sidecar));
  await writeMask(scan.replace('desc-preproc_bold', 'desc-brain_mask'), mask, MNI_SPACE);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
