// Command ferretdb serves the MongoDB wire protocol over files of SQLite, for tests on machines
// without a mongod. It embeds FerretDB's package: the module's own command cannot be built from a
// module proxy.
package main

import (
	"context"
	"flag"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	address := flag.String("listen", "127.0.0.1:27017", "address to listen on")
	directory := flag.String("data", "", "directory of the databases' files, with a slash at its end")
	flag.Parse()
	// Warnings would be one for each connection that ends without the driver's goodbye.
	severity := &slog.HandlerOptions{Level: slog.LevelError}
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: *address},
		Logger:    slog.New(slog.NewTextHandler(os.Stderr, severity)),
		Handler:   "sqlite",
		SQLiteURL: "file:" + *directory,
	})
	if err != nil {
		log.Fatal(err)
	}
	ends, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := server.Run(ends); err != nil {
		log.Fatal(err)
	}
}
