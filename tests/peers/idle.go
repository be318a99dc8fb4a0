// A small server for the README's "Your own server": accepts connections, holds 8 KiB for each as
// long as it is open, and reads what comes. usage: idle PORT
package main

import (
	"log"
	"net"
	"os"
)

func serve(connection net.Conn) {
	defer connection.Close()
	session := make([]byte, 8192)
	for {
		if _, err := connection.Read(session); err != nil {
			return
		}
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(connection)
	}
}
