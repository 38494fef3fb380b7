import { groupSuite } from './auto-scaling-suite.ts';
import { besideSuite } from './beside-suite.ts';
import { onBoth } from './both.ts';
import { instanceSuite } from './ec2-suite.ts';
import { taggingSuite } from './tagging-suite.ts';

// In one file, since each file starts a local AWS of its own.
onBoth('EC2, its groups, what lies beside them, and their tags', (side, name) => {
  instanceSuite(side, name);
  groupSuite(side, name);
  besideSuite(side);
  taggingSuite(side, name);
});
