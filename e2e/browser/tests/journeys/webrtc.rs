//! Browsers without WebRTC, or forbidden to use it.

use anyhow::ensure;
use e2e_browser::browser::Kind;
use e2e_browser::journey;
use e2e_browser::person::State;

use crate::friends::meet;

#[test]
fn a_chat_goes_by_the_supernode_without_webrtc() {
    journey::run(
        "a_chat_goes_by_the_supernode_without_webrtc",
        async |world| {
            let node = world.supernode().await?;
            let ann = world.person("Ann", Kind::Chromium).await?;
            let gone = "delete window.RTCPeerConnection; delete window.webkitRTCPeerConnection; delete window.RTCDataChannel;";
            ann.page.browser().run_before_pages(gone).await?;
            let ben = world.person("Ben", Kind::Chromium).await?;
            meet(&ann, &ben, &node.url()).await?;
            ann.say("no direct way here").await?;
            ben.sees("no direct way here").await?;
            ben.say("never mind").await?;
            ann.sees("never mind").await?;
            ann.reaches("no direct way here", &[State::Read]).await?;
            ann.path_becomes(&["supernode"]).await?;
            let path = ben.path().await?;
            ensure!(path == "supernode", "Ben's path is {path}");
            Ok(())
        },
    );
}
