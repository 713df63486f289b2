import type { JobInput } from '../../../src-preload/shared/contract/job-inputs';
import { isUncontrolled, parseCouplingForm } from '../../../src-preload/shared/domain/controls';

type FormInput = Required<Pick<JobInput<'couple'>, 'reducer' | 'frames' | 'confounds' | 'response' | 'lag'>>;

/** What to ask for so that couplings of this form come of it. */
export function inputOfForm(form: string): FormInput {
  const { activations, controls } = parseCouplingForm(form);
  const [reducer, allFrames] = activations.split(', ');
  return {
    ...{ reducer: reducer as FormInput['reducer'], frames: allFrames ? 'mean' : 'last' },
    ...{ ...controls, confounds: [...controls.confounds] },
  };
}

/** Whether anything was done to the activations of couplings of this form. */
export function isControlled(form: string): boolean {
  return !isUncontrolled(parseCouplingForm(form).controls);
}
