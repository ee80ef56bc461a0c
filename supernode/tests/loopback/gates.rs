//! A supernode that asks for something, as an operator sets it up.

use std::process::Command;

use shared::gates::token::Token;
use shared::gates::work::{Puzzle, Task};
use shared::gates::{Gates, Pass};
use shared::session::wire::{ClientFrame, NodeFrame, Refusal};

use crate::client::Client;
use crate::people::Person;
use crate::server::Server;

/// Claims after showing `pass`; the frames that come.
async fn claim(server: &Server, person: &Person, pass: Pass) -> Result<(), Gates> {
    let mut client = Client::ready(server.address).await;
    client.send(&ClientFrame::Show { pass }).await;
    let claim = client.claim(person);
    client.send(&claim).await;
    match client.receive().await {
        NodeFrame::Claimed { .. } => Ok(()),
        NodeFrame::Gates { gates, .. } => {
            let refused = client.receive().await;
            let code = Refusal::GateRequired;
            assert!(
                matches!(&refused, NodeFrame::Refused { code: found, text, .. }
                    if *found == code && text.starts_with("gate required: ")),
                "{refused:?}"
            );
            Err(gates)
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_invite_that_the_operator_prints_opens_one_mailbox() {
    let (server, data) = Server::fresh(&["--registration", "invite"]);
    let printed = Command::new(env!("CARGO_BIN_EXE_supernode"))
        .arg("invite")
        .arg("--data")
        .arg(data.path())
        .output()
        .unwrap();
    let text = String::from_utf8(printed.stdout).unwrap();
    let token = Token::from_text(&text).unwrap();
    let pass = Pass {
        token: Some(token),
        work: None,
    };
    let [ann, ben] = [Person::new(1), Person::new(2)];
    let asked = Gates {
        invite: true,
        work_bits: 0,
    };
    assert_eq!(claim(&server, &ann, Pass::default()).await, Err(asked));
    assert_eq!(claim(&server, &ann, pass).await, Ok(()));
    assert_eq!(claim(&server, &ben, pass).await, Err(asked));
    assert_eq!(claim(&server, &ann, Pass::default()).await, Ok(()));
}

#[tokio::test]
async fn work_opens_a_mailbox() {
    let (server, _data) =
        Server::fresh(&["--registration", "work", "--registration-work-bits", "10"]);
    let ann = Person::new(1);
    let asked = Gates {
        invite: false,
        work_bits: 10,
    };
    assert_eq!(claim(&server, &ann, Pass::default()).await, Err(asked));
    let node = Client::connect(server.address).await.transcript.node;
    let task = Task::Registration(node, ann.id());
    let work = Puzzle::new(task, 10, supernode::drive::now()).solve(0, u32::MAX);
    let pass = Pass { token: None, work };
    assert_eq!(claim(&server, &ann, pass).await, Ok(()));
}

#[test]
fn without_a_key_there_is_no_invite() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_supernode"))
        .arg("invite")
        .arg("--data")
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("node.key"), "{said}");
}
