import type { AgreementView } from '../../../src-preload/shared/contract/annotation-views';
import { agreementOf, ratedByBoth } from '../../annotation/agreement';
import { comparedFields, differingFields, fieldsOf } from '../../annotation/compare';
import { describeIdentity } from '../../annotation/steps';
import type { Project } from '../../project/project';
import { placeFinder } from './exchange';
import { annotationLog } from './log';

/** Agreement of two raters over what both have decided, and every pair in which they differ. */
export function viewAgreement(project: Project, [first, second]: [string, string]): AgreementView {
  const { state, vocabulary } = annotationLog(project);
  const rated = ratedByBoth(state, first, second);
  const place = placeFinder(project);
  const disagreements = rated.flatMap((pair) => {
    const differing = differingFields([pair.first, pair.second], vocabulary);
    if (differing.length === 0) return [];
    const [one, other] = [fieldsOf(pair.first, vocabulary), fieldsOf(pair.second, vocabulary)];
    const fields = comparedFields.filter((field) => differing.includes(field));
    return [
      {
        ...{ pair: place(pair.log.identity), what: describeIdentity(pair.log.identity) },
        fields: fields.map((field) => ({ field, values: [one[field], other[field]] as [string, string] })),
      },
    ];
  });
  const fields = agreementOf(rated, vocabulary, [first, second]).map(({ n, ...field }) => ({ ...field, pairs: n }));
  return { raters: [first, second], pairs: rated.length, fields, disagreements };
}
