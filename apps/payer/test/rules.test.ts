import { describe, expect, it } from 'vitest';
import { checkAmount, checkChoice, checkText, tidy } from '../src/rules';

const text = { label: '学生姓名', required: true, max: 5, rule: '' };

describe('the form’s rules, as the server has them', () => {
  it('bounds the amount, both ends included', () => {
    const check = (typed: string) => checkAmount(typed, 100, 5_000_000);
    expect(check('1')).toBe('');
    expect(check('50,000.00')).toBe('');
    expect(check('0.99')).toBe('金额最少 1.00 元');
    expect(check('50000.01')).toBe('金额最多 50,000.00 元');
    expect(check('999999999999999999')).toBe('金额最多 50,000.00 元');
    expect(check('1.001')).toBe('金额最多两位小数');
    expect(check('')).toBe('请填写付款金额');
    expect(check('十元')).toBe('金额只能是数字，例如 1280.00');
  });

  it('asks for a required text, and lets an optional one be empty', () => {
    expect(checkText('  ', text)).toBe('请填写学生姓名');
    expect(checkText('', { ...text, required: false, rule: 'mobile' })).toBe('');
  });

  it('counts characters, not UTF-16 units', () => {
    expect(checkText('𠮷𠮷𠮷𠮷𠮷', text)).toBe('');
    expect(checkText('一二三四五六', text)).toBe('最多 5 个字，现在有 6 个');
  });

  it('takes digits and mobile numbers as people type them', () => {
    const mobile = { label: '手机号码', required: true, max: 20, rule: 'mobile' };
    expect(checkText('138 1234-5678', mobile)).toBe('');
    expect(checkText('１３８１２３４５６７８', mobile)).toBe('');
    expect(checkText('1381 2', mobile)).toBe('手机号码应为 11 位数字');
    expect(checkText('23812345678', mobile)).toBe('手机号码应为 11 位数字');
    const digits = { label: '学号', required: true, max: 8, rule: 'digits' };
    expect(checkText('００１２', digits)).toBe('');
    expect(checkText('12a', digits)).toBe('学号只能填数字');
    expect(checkText('123456789', digits)).toBe('最多 8 个字，现在有 9 个');
  });

  it('sends what it checked', () => {
    expect(tidy('１３８ 1234-5678', 'mobile')).toBe('13812345678');
    expect(tidy(' 请开收据\r\n谢谢 ', '')).toBe('请开收据 谢谢');
    expect(tidy('A-1', '')).toBe('A-1');
  });

  it('asks for a required choice', () => {
    expect(checkChoice(0, '缴费项目', true)).toBe('请选择缴费项目');
    expect(checkChoice(0, '缴费项目', false)).toBe('');
    expect(checkChoice(2, '缴费项目', true)).toBe('');
  });
});
