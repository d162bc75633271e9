import { expect, it } from 'vitest';
import { describeWith, startRedis } from './index.js';

describeWith(['redis'], 'startRedis', () => {
  it('answers on its port, with its password, and refuses others', async () => {
    const redis = await startRedis({ password: 'secret' });
    await redis.cli('SET', 'a', 1);
    expect(await redis.cli('GET', 'a')).toBe('1');
    expect(redis.settings).toEqual({ host: '127.0.0.1', port: redis.port, password: 'secret' });
    await redis.flushall();
    expect(await redis.cli('DBSIZE')).toBe(0);
  });

  it('answers on a unix socket', async () => {
    const redis = await startRedis({ unix: true });
    expect(redis.settings).toEqual({ host: redis.socket });
    expect(await redis.cli('PING')).toBe('PONG');
  });

  it('forgets at a restart, unless it is told to append', async () => {
    const forgetful = await startRedis();
    await forgetful.cli('SET', 'a', 1);
    await forgetful.restart();
    expect(await forgetful.cli('GET', 'a')).toBeNull();

    const keeping = await startRedis({ appendonly: true });
    await keeping.cli('SET', 'a', 1);
    await keeping.kill();
    await expect(keeping.cli('GET', 'a')).rejects.toThrow();
    await keeping.restart();
    expect(await keeping.cli('GET', 'a')).toBe('1');
  });

  it('answers nothing while it is paused', async () => {
    const redis = await startRedis();
    redis.pause();
    const answer = redis.cli('PING');
    await expect(Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 100, 'silence'))])).resolves.toBe('silence');
    redis.resume();
    expect(await answer).toBe('PONG');
  });
});
