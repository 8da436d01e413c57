import { expect, it } from 'vitest';
import { orgOptions } from './orgOptions';

it('lists the org tree in tree order with whole paths, whatever order the server sends', () => {
  const options = orgOptions([
    { org_unit_id: '3', parent_id: '2', name: '高新校区' },
    { org_unit_id: '1', parent_id: null, name: '总公司' },
    { org_unit_id: '2', parent_id: '1', name: '成都分公司' },
  ]);
  expect(options.map((option) => option.label)).toEqual([
    '总公司',
    '总公司 / 成都分公司',
    '总公司 / 成都分公司 / 高新校区',
  ]);
});

it('starts at the admin’s own unit when its parent is out of sight (an admin sees its unit and below)', () => {
  expect(orgOptions([{ org_unit_id: '2', parent_id: '1', name: '成都分公司' }])).toEqual([
    { value: '2', label: '成都分公司' },
  ]);
});
