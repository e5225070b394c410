//! Alarms of the record, told outside of the product.

use sea_orm::{ConnectionTrait as _, Database};
use serde_json::json;
use server::wiring::{Alarms, MailServer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::{TestApp, received, tamper};

/// R4: who is to be told of an alarm is told once, and once when it is over.
#[tokio::test]
async fn an_alarm_is_sent_to_an_address() {
    let mut app = TestApp::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/alarms", listener.local_addr().unwrap());
    app.shut_down().await;
    let leaf = tamper(&app.data(), &changed("Tim", "Tom")).await;
    app.boot().await;
    app.alarming(Alarms::Address(url)).await;
    app.engine().self_check().await.unwrap();
    let told = posted(&listener).await;
    assert_eq!(
        (&told["state"], &told["leaf"]),
        (&json!("altered"), &json!(leaf)),
        "{told}"
    );
    assert!(
        told["sentence"].as_str().unwrap().contains(&format!("Leaf {leaf}")),
        "{told}"
    );

    let database = Database::connect(engine::database_options(&app.data())).await.unwrap();
    database.execute_unprepared(&changed("Tom", "Tim")).await.unwrap();
    database.close().await.unwrap();
    // What is wrong as before is not told again: the next thing that comes is that it is over.
    app.engine().self_check().await.unwrap();
    let told = posted(&listener).await;
    assert_eq!(
        (&told["state"], &told["leaf"]),
        (&json!("in_order"), &json!(null)),
        "{told}"
    );
}

/// R4: or mailed.
#[tokio::test]
async fn an_alarm_is_mailed() {
    let mut app = TestApp::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("smtp://{}", listener.local_addr().unwrap());
    let server = MailServer::new(&server, "record@northwind.example").unwrap();
    let mail = server.to("security@example.com").unwrap();
    app.shut_down().await;
    let leaf = tamper(&app.data(), &changed("Tim", "Tom")).await;
    app.boot().await;
    app.alarming(Alarms::Mail(Box::new(mail))).await;
    app.engine().self_check().await.unwrap();
    let (socket, _) = listener.accept().await.unwrap();
    let (envelope, message) = received(socket).await;
    assert!(envelope.contains("RCPT TO:<security@example.com>"), "{envelope}");
    assert!(message.contains("Subject: Alarm: the record was altered"), "{message}");
    assert!(message.contains(&format!("Leaf {leaf}")), "{message}");
}

/// One request to the address, which is answered; its body.
async fn posted(listener: &TcpListener) -> serde_json::Value {
    let (mut socket, _) = listener.accept().await.unwrap();
    let (mut bytes, mut text) = (vec![0; 4096], String::new());
    loop {
        let n = socket.read(&mut bytes).await.unwrap();
        assert!(n > 0, "{text}");
        text.push_str(&String::from_utf8_lossy(&bytes[..n]));
        let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        if let Ok(body) = serde_json::from_str(body) {
            assert!(text.starts_with("POST /alarms "), "{text}");
            socket
                .write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
                .await
                .unwrap();
            return body;
        }
    }
}

/// A change of one word in the record.
fn changed(from: &str, to: &str) -> String {
    format!(
        "UPDATE leaf SET groups = replace(groups, '{from}', '{to}')
         WHERE (org_id, idx) = (SELECT org_id, max(idx) FROM leaf WHERE instr(groups, '{from}') > 0)"
    )
}
