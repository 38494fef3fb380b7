import { fleetStatement, type PolicyDocument } from '../plan/iam-policy.ts';
import { checks } from './registry.ts';

/**
 * The rights that `bursar recommend` needs, and none to change anything. Each action is named, in order, so that the
 * document is the same for the same version.
 */
export function recommendIamPolicy(): PolicyDocument {
  const looked = checks.flatMap(({ permissions }) => permissions.flatMap(({ actions }) => actions));
  return {
    Version: '2012-10-17',
    Statement: [
      fleetStatement(),
      {
        Sid: 'SeeWhatCouldCostLess',
        Effect: 'Allow',
        Action: [...new Set(looked)].sort(),
        // What is listed takes no resource, and there is more of it by the hour.
        Resource: '*',
      },
    ],
  };
}
