// A peer for make bench: what people write today, a goroutine for each connection that sends back
// what comes. usage: echo PORT (0: a free one). Prints the port that it listens on.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"os"
)

func serve(connection net.Conn) {
	defer connection.Close()
	buffer := make([]byte, 4096)
	for {
		length, err := connection.Read(buffer)
		if err != nil {
			if err != io.EOF {
				log.Print(err)
			}
			return
		}
		if _, err := connection.Write(buffer[:length]); err != nil {
			return
		}
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(connection)
	}
}
