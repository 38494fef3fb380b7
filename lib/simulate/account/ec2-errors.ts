import { EC2ServiceException } from '@aws-sdk/client-ec2';

/** What EC2 throws where it refuses; `code` as the wire has it, such as `IncorrectInstanceState`. */
export const refused = (code: string, message: string): EC2ServiceException =>
  new EC2ServiceException({ name: code, message, $fault: 'client', $metadata: {} });

/** EC2 names all the ids that it does not know at once. */
export const unknownInstances = (ids: readonly string[]): EC2ServiceException =>
  refused(
    'InvalidInstanceID.NotFound',
    ids.length === 1
      ? `The instance ID '${ids[0]}' does not exist`
      : `The instance IDs '${ids.join(', ')}' do not exist`,
  );
