import { unpriced } from './resource.ts';
import type { TypeReader } from './type-reader.ts';

/** A nested stack costs by what is in it, which is read as a stack of its own where its template is at hand. */
export const nestedTemplate: TypeReader = {
  types: ['AWS::CloudFormation::Stack'],
  read: (resource) =>
    resource.nested === undefined
      ? [resource.item(unpriced('Its template is not at hand. Give it to the gate as well.'))]
      : [],
};
