import { useState } from 'react';
import { logOut } from '../../state/app';
import { useSession } from '../../ui/hooks';
import { Icon } from '../../ui/Icon';
import { Box, Dialog, Heading, Pair, Pairs, Screen, Tap, Txt } from '../../ui/kit';
import './index.css';

export default function Settings() {
  const session = useSession();
  const [asking, setAsking] = useState(false);
  if (!session) return <Screen title="设置">{null}</Screen>;
  const m = session.manager;
  return (
    <Screen title="设置">
      <Heading level={2} className="set-head">
        我的资料
      </Heading>
      <Pairs className="card pairs">
        <Pair name="姓名">{m.name}</Pair>
        <Pair name="手机号">{m.mobile}</Pair>
        <Pair name="邮箱">{m.email}</Pair>
        <Pair name="公司">{m.merchant_full_name}</Pair>
        <Pair name="组织">{m.org_unit_name}</Pair>
      </Pairs>
      <Box className="set-note">资料有误，请联系公司的系统管理员修改。</Box>
      <Heading level={2} className="set-head">
        关于
      </Heading>
      <Pairs className="card pairs">
        <Pair name="星收付">{`版本 ${APP_VERSION}`}</Pair>
        <Pair name="服务方">{m.platform_name}</Pair>
      </Pairs>
      <Tap className="set-out" onTap={() => setAsking(true)} testid="settings-logout">
        <Icon name="log-out" />
        <Txt>退出登录</Txt>
      </Tap>
      {asking && (
        <Dialog
          title="退出登录？"
          text="退出后，这台设备不再显示到账；再用时要重新输入手机号和密码。收款码继续有效。"
          confirm="退出登录"
          danger
          onConfirm={() => void logOut()}
          onCancel={() => setAsking(false)}
        />
      )}
    </Screen>
  );
}
