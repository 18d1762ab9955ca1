import sys,time,os
T0=time.clock_gettime(time.CLOCK_MONOTONIC)
# process start
st=float(open('/proc/self/stat').read().split()[21])/os.sysconf('SC_CLK_TCK')
log=open('/tmp/start.txt','w')
def mark(m): print(f'{(time.clock_gettime(time.CLOCK_BOOTTIME)-st)*1000:7.1f} {m}',file=log,flush=True)
mark('python up')
import chatflow_tui.cli as cli
import textual.app
mark('textual.app imported')
import chatflow_tui.app as A
mark('our app imported')
def wrap(cls,name,label):
    f=getattr(cls,name)
    import asyncio
    if asyncio.iscoroutinefunction(f):
        async def g(*a,**k):
            mark(label+' begin'); r=await f(*a,**k); mark(label+' end'); return r
    else:
        def g(*a,**k):
            mark(label+' begin'); r=f(*a,**k); mark(label+' end'); return r
    setattr(cls,name,g)
wrap(A.ChatFlowApp,'_prepare','prepare')
wrap(A.ChatFlowApp,'_recall','recall')
from textual.screen import Screen
wrap(Screen,'_on_timer_update','timer_update')
wrap(Screen,'_refresh_layout','refresh_layout')
wrap(Screen,'_compositor_refresh','paint')
o=A.ChatFlowApp._prepare
def prep(self,store):
    r=o(self,store)
    from chatflow_tui.screens.following import Following
    from chatflow_tui.screens.dashboard import Dashboard
    from chatflow_core import Catalog
    from chatflow_core.record_summaries import RecordSummaries
    if not hasattr(Following,'_w'):
        Following._w=1
        wrap(Catalog,'start','catalog start'); wrap(Catalog,'_tell','tell')
        wrap(RecordSummaries,'_list','list'); wrap(Following,'_show_change','show_change')
        wrap(Following,'compose','compose')
    return r
A.ChatFlowApp._prepare=prep
sys.exit(cli.main())
