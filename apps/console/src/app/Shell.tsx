import {
  DownOutlined,
  FormOutlined,
  InboxOutlined,
  LogoutOutlined,
  ProfileOutlined,
  RollbackOutlined,
  TeamOutlined,
} from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Dropdown } from 'antd';
import type { ReactNode } from 'react';
import { NavLink, Outlet, useNavigate } from 'react-router';
import { api } from '../api/client';
import { useText } from '../i18n';
import { useAdmin } from '../session/session';
import { Logo } from '../ui/Logo';
import { LanguageButton, ThemeButton } from './Switches';

/** How often the signs of what waits for a person are looked at. */
const TODO_REFETCH_MS = 15_000;

/** The frame of every signed-in page: what is built on the left, who and where on top. */
export function Shell() {
  const t = useText();
  const todo = useQuery({ queryKey: ['todo'], queryFn: api.todo, refetchInterval: TODO_REFETCH_MS });
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {t.common.skip}
      </a>
      <nav className="sider" aria-label={t.common.navigation}>
        <Logo />
        <NavItem to="/orders" icon={<ProfileOutlined />} testid="nav-orders">
          {t.nav.orders}
        </NavItem>
        <NavItem to="/refunds" icon={<RollbackOutlined />} testid="nav-refunds" waiting={todo.data?.refunds ?? 0}>
          {t.nav.refunds}
        </NavItem>
        <NavItem to="/inbox" icon={<InboxOutlined />} testid="nav-inbox" waiting={todo.data?.inbox ?? 0}>
          {t.nav.inbox}
        </NavItem>
        <h2>{t.nav.groupCollect}</h2>
        <NavItem to="/managers" icon={<TeamOutlined />} testid="nav-managers">
          {t.nav.managers}
        </NavItem>
        <NavItem to="/forms" icon={<FormOutlined />} testid="nav-forms">
          {t.nav.forms}
        </NavItem>
      </nav>
      <Header />
      <main className="content" id="content" tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}

interface NavItemProps {
  to: string;
  icon: ReactNode;
  testid: string;
  /** How many wait for a person. */
  waiting?: number;
  children: ReactNode;
}

function NavItem({ to, icon, testid, waiting = 0, children }: NavItemProps) {
  const t = useText();
  return (
    <NavLink to={to} className="nav-item" data-testid={testid}>
      {icon}
      <span>{children}</span>
      {waiting > 0 && (
        <span className="nav-waiting num">
          {waiting > 99 ? '99+' : waiting}
          <span className="unseen">{t.nav.waiting}</span>
        </span>
      )}
    </NavLink>
  );
}

function Header() {
  const t = useText();
  const admin = useAdmin();
  const navigate = useNavigate();
  return (
    <header className="topbar">
      <span className="topbar-merchant" title={admin.merchant_full_name}>
        {admin.merchant_full_name}
      </span>
      <LanguageButton />
      <ThemeButton />
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            { key: 'who', label: admin.login, disabled: true },
            { type: 'divider' },
            { key: 'logout', icon: <LogoutOutlined />, label: <span data-testid="logout">{t.common.logout}</span> },
          ],
          onClick: ({ key }) => {
            if (key === 'logout') navigate('/logout');
          },
        }}
      >
        <Button type="text" aria-label={`${t.common.account}: ${admin.name}`} data-testid="account-menu">
          {admin.name}
          <DownOutlined className="caret" />
        </Button>
      </Dropdown>
    </header>
  );
}
