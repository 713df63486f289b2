import { useRouter } from 'vue-router';
import { useHotkeys, type Hotkeys } from '../composables/useHotkeys';
import { useAppStore } from '../stores/app';
import { useJobsStore } from '../stores/jobs';
import { useNotices } from '../stores/notices';
import { useFrameStore } from './frame';
import { screens } from './screens';

/** Keys that work on every screen. */
export function useAppKeys(): void {
  const app = useAppStore();
  const frame = useFrameStore();
  const jobs = useJobsStore();
  const notices = useNotices();
  const router = useRouter();
  const inProject = (action: () => unknown) => () => {
    if (app.state?.project) action();
  };
  const keys: Hotkeys = {
    'Control+k': inProject(() => frame.show('palette')),
    'Control+j': inProject(() => (jobs.drawerOpen = !jobs.drawerOpen)),
    'Control+z': inProject(() => notices.undo()),
    'Control+o': () => frame.show('open'),
    '?': () => frame.show('keys'),
  };
  screens.slice(0, 10).forEach(({ name }, index) => {
    keys[`Control+${(index + 1) % 10}`] = inProject(() => router.push({ name }));
  });
  useHotkeys(keys);
}

/** What the keyboard help lists. */
export const keyHelp: { group: string; keys: { key: string; does: string }[] }[] = [
  {
    group: 'Everywhere',
    keys: [
      { key: 'Ctrl K', does: 'Search everything' },
      { key: 'Ctrl J', does: 'Jobs' },
      { key: 'Ctrl Z', does: 'Undo the last change of the project' },
      { key: 'Ctrl O', does: 'Open another project' },
      { key: '?', does: 'This help' },
      ...screens.slice(0, 10).map(({ title }, index) => ({ key: `Ctrl ${(index + 1) % 10}`, does: title })),
    ],
  },
  {
    group: 'Traces and movies',
    keys: [
      { key: '← →', does: 'One TR back or on' },
      { key: 'Shift ← →', does: 'Ten TRs back or on' },
      { key: '[ ]', does: 'Previous or next pair, or FBN' },
      { key: 'Drag', does: 'Mark a stretch; with Shift the cursor follows' },
      { key: 'Escape', does: 'Unmark the stretch' },
    ],
  },
  {
    group: 'Tables',
    keys: [
      { key: '↑ ↓', does: 'Row by row' },
      { key: 'Page Up / Down', does: 'Page by page' },
      { key: 'Home / End', does: 'First or last row' },
      { key: 'Enter', does: 'Open the row' },
      { key: 'Space', does: 'Mark the row, where several can be' },
      { key: 'Right click', does: 'Copy a value, the row, all rows' },
    ],
  },
];
