"""What tests are made with: real servers, real rows, a client that speaks as a person."""
