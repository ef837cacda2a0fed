import { association, byId } from '../support/associations.ts';
import { machines } from '../support/fleet.ts';
import { expectAssociationInvariants } from './invariants.ts';
import { sweep } from './sweep.ts';

await sweep({
  name: 'an association that succeeds',
  runbook: 'StartAssociation',
  request: async (_, lab) => ({ associationId: await association(lab, byId(machines.web), ['sleep 45']) }),
  invariants: expectAssociationInvariants,
});
