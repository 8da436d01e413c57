import type { OrgUnit } from '../api/types';

/** The org tree as a flat list in tree order, each with its whole path: "总公司 / 成都分公司". */
export function orgOptions(units: OrgUnit[]): { value: string; label: string }[] {
  const ids = new Set(units.map((unit) => unit.org_unit_id));
  // An admin sees its own unit and below: a parent out of sight makes its child a root here.
  const children = new Map<string | null, OrgUnit[]>();
  for (const unit of units) {
    const parent = parentIn(unit, ids);
    children.set(parent, [...(children.get(parent) ?? []), unit]);
  }
  const walk = (parent: string | null, path: string): { value: string; label: string }[] =>
    (children.get(parent) ?? []).flatMap((unit) => {
      const label = path ? `${path} / ${unit.name}` : unit.name;
      return [{ value: unit.org_unit_id, label }, ...walk(unit.org_unit_id, label)];
    });
  return walk(null, '');
}

function parentIn(unit: OrgUnit, ids: Set<string>): string | null {
  return unit.parent_id !== null && ids.has(unit.parent_id) ? unit.parent_id : null;
}
