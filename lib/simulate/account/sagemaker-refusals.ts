import { SageMakerServiceException } from '@aws-sdk/client-sagemaker';

const fault = (name: string, message: string) =>
  new SageMakerServiceException({ name, message, $fault: 'client', $metadata: {} });

/** How SageMaker refuses nearly everything. */
export const refused = (message: string) => fault('ValidationException', message);

/** "Not found" of endpoints, their parts and components is a ValidationException: `Could not find endpoint "arn".` */
export const missing = (what: string) => refused(`Could not find ${what}.`);

/** "Not found" of what belongs to Studio has an error of its own. */
export const notFound = (message: string) => fault('ResourceNotFound', message);

/** The name is taken. */
export const inUse = (message: string) => fault('ResourceInUse', message);
