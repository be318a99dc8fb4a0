// A peer for make bench: the feed with net/http as it comes, a handler that sleeps a second between
// two chunks. usage: feed PORT (0: a free one). Prints the port that it listens on.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

func feed(answer http.ResponseWriter, request *http.Request) {
	id := strings.TrimPrefix(request.URL.Path, "/test/")
	flusher := answer.(http.Flusher)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	fmt.Fprintf(answer, "Hello, id %s\n", id)
	flusher.Flush()
	for number := 1; ; number++ {
		select {
		case <-ticker.C:
			if _, err := fmt.Fprintf(answer, "Chunk %d for id %s\n", number, id); err != nil {
				return
			}
			flusher.Flush()
		case <-request.Context().Done():
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
	http.HandleFunc("/test/", feed)
	log.Fatal(http.Serve(listener, nil))
}
